/** Of the handlers: each request goes to one replica. */
export const queue = 'message-service';

/** Any shard of this service's database; with one database all share its subjects (server §8). */
export const shard = 0;
