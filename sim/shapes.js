'use strict'

// Answers of real daemons that are no good, as data: what they say where a pool hoped for work, or for a block's taking.

/** Bodies of TurtleCoind 0.24 to 0.28.3 that are no JSON-RPC, though they answer it (src/rpc/RpcServer.cpp). */
const WORDS = {
  /** With status 200. */
  unsynced: { status: 'Failed', error: 'Daemon must be synced to process this RPC method call, please retry when synced' },
  /** With status 500, of a database that has a block twice. */
  broken: { status: 'Failed', error: "Internal server error: Requested hash wasn't found in main blockchain" },
  /** With status 403, of WrkzCoin, where it was not told that it may be mined with. */
  forbidden: { status: 'Failed', error: 'You do not have permission to access this method. Please relaunch your daemon with the --enable-mining command line option to access this method.' }
}

const BUSY = { error: { code: -9, message: 'Core is busy' } }
/** Of oxen, where it has too much to do. */
const OVERLOADED = { error: { code: -32003, message: 'Server busy, try again later' } }
const UNSYNCED = { body: WORDS.unsynced }

/**
 * An `error` or a `result` in the envelope of the daemon's family, or a whole `body`, with an HTTP status.
 * @typedef {{ error?: { code: number, message: string }, result?: unknown, body?: unknown, status?: number }} Shape
 */

/** Instead of a template. @type {Record<string, Shape>} */
const NO_TEMPLATES = {
  busy: BUSY,
  overloaded: OVERLOADED,
  unsynced: UNSYNCED,
  failed: { error: { code: -5, message: 'Failed to create block template' } },
  'status failed': { result: { status: 'Failed' } },
  /** monerod that wants money for its templates. */
  'payment required': {
    result: {
      blockhashing_blob: '',
      blocktemplate_blob: '',
      credits: 0,
      difficulty: 0,
      difficulty_top64: 0,
      expected_reward: 0,
      height: 0,
      next_seed_hash: '',
      prev_hash: '',
      reserved_offset: 0,
      seed_hash: '',
      seed_height: 0,
      status: 'PAYMENT REQUIRED',
      top_hash: '',
      untrusted: false,
      wide_difficulty: ''
    }
  },
  forbidden: { body: WORDS.forbidden, status: 403 }
}

/** Instead of an answer to a block, which is not looked at. @type {Record<string, Shape>} */
const NO_VERDICTS = {
  busy: BUSY,
  overloaded: OVERLOADED,
  unsynced: UNSYNCED,
  /** monerod 0.18 that is not synced: a result, and HTTP status 200. */
  'status busy': { result: { status: 'BUSY', untrusted: false } },
  refused: { error: { code: -7, message: 'Block not accepted' } },
  /** It says that it took the block. */
  lie: { result: { status: 'OK' } }
}

module.exports = { NO_TEMPLATES, NO_VERDICTS, WORDS }
