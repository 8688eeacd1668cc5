import { policySchema, type Policy } from '../../contract/settings.ts';

/** What an administrator fixed for this computer. */
export const readPolicy = (): Policy => policySchema.parse({});
