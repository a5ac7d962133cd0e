import type { UserId } from '../../../shared/contracts/ids.ts';

/**
 * Users are spread over so many channels: who hears of news on one looks only for the users of that channel
 * who have a socket here.
 */
export const SHARDS = 32;

/** The end of a UUIDv7 is random. */
export const shardOf = (userId: UserId): number => Number.parseInt(userId.slice(-2), 16) % SHARDS;

export const channelOf = (shard: number): string => `messages_${shard}`;
