export { revocationStoreContract } from './revocationStoreContract';
export type { ContractCase } from './revocationStoreContract';
export { expectOpenRoutes } from './expectOpenRoutes';
