/** Which records say where a name is; `address` is A and AAAA together. */
export const addressRecords = ['A', 'AAAA', 'address'] as const;
export type AddressRecord = (typeof addressRecords)[number];
