/** Any replica answers. */
export const QUEUE = { queue: 'auth-service' } as const;
