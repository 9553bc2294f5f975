export { revocationStoreContract } from './revocationStoreContract';
export type { ContractCase } from './revocationStoreContract';
