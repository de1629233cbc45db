/** Chunks that a batch applies: few enough that a wish waits for seconds at most, many enough that turns are few. */
export const CHUNKS_PER_BATCH = 10;

const RECORDS_PER_CHUNK = 99;

/** Most records that one batch changes. */
export const BATCH_SIZE = CHUNKS_PER_BATCH * RECORDS_PER_CHUNK;
