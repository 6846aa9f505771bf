import type { CreateOrder } from './order.ts';
import { SmoothOrder } from './smooth-order.ts';

/** Every server by its weight, each one's turns evenly spread, exactly: see `SmoothOrder`. */
export const createWeightedRoundRobin: CreateOrder = (input) => new SmoothOrder(input);
