export function exploreSessions() {}
