/**
 * An entry of the build `wide` alone. Its name says that four vectors, side by side, are worked on at a time:
 * the engine then joins two of 128 bits to one of 256 where it can (V8 calls it revectorization).
 */
@global const WIDE: bool = true;
