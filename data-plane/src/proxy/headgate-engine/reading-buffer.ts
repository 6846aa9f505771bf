/**
 * Every connection reads into this: what was read is used, or copied, before anything else can be read. So an idle
 * connection holds no buffer, and reading makes none.
 */
export const readingBuffer = Buffer.allocUnsafeSlow(65_536);
