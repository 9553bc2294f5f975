/** Who may log in. Known to everyone, so this is no place for real users. */
export const demoUsers = [
  { name: 'alice', password: 'a garden of live flowers', roles: ['admin'] },
  { name: 'bob', password: 'all ways are my ways', roles: [] },
] as const;
