export { JwtClock } from './JwtClock';
export { jwtCookies, jwtHeaders } from './jwtHeaders';
export type { CredentialOptions } from './jwtHeaders';
export { revocationStoreContract } from './revocationStoreContract';
export type { ContractCase } from './revocationStoreContract';
export { expectOpenRoutes } from './expectOpenRoutes';
