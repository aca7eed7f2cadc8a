'use strict'

const { late, lost, rewrite, slow } = require('./faults')
const { NO_TEMPLATES, NO_VERDICTS } = require('./shapes')

/**
 * How a daemon that polls find healthy may deal with a pool: what it gives instead of a good template, and what becomes of
 * a block. Each makes a fault (see faults.js) of a value that may be left out.
 * @typedef {Record<string, (value?: any) => import('./faults').Fault>} Habits
 */

/**
 * Answers in a shape of shapes.js.
 * @param {{ error?: { code: number, message: string }, result?: unknown, body?: unknown, status?: number }} shape
 * @returns {import('./faults').Fault}
 */
const shaped = ({ error, result, body, status = 200 }) => exchange => {
  if (error) return exchange.send(exchange.failure(error))
  if (result !== undefined) return exchange.send(exchange.success(result))
  exchange.send({ status, type: 'application/json', body })
}

const allShaped = shapes => Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, () => shaped(shape)]))

/** Changes the result of JSON-RPC, and leaves errors as they are. */
const withResult = change => rewrite(body => body.result ? { ...body, result: change(body.result) } : body)

/** For so long after a new block, in milliseconds, builds on the one below, as monerod 0.13 did, which kept its templates. */
const cached = (milliseconds = Infinity) => exchange => {
  const { since, tip } = exchange.daemon.chain
  if (performance.now() - since < milliseconds && tip.parent) exchange.buildOn = tip.parent
  exchange.send()
}

/** @type {Habits} */
const TEMPLATES = {
  ...allShaped(NO_TEMPLATES),
  slow,
  cached,
  empty: () => withResult(result => ({ ...result, blocktemplate_blob: '' })),
  'without blob': () => withResult(({ blocktemplate_blob: _, ...result }) => result),
  /** HTTP status 200 and no byte more. */
  nothing: () => shaped({ body: '' })
}

/** @type {Habits} */
const SUBMISSIONS = {
  ...allShaped(NO_VERDICTS),
  slow,
  /** Takes the block, and says so so many milliseconds later. */
  late,
  /** Takes the block, and ends the connection without an answer. */
  lost: () => lost,
  /** Does not look at the block, and answers with any result, or any body. */
  result: (value = null) => shaped({ result: value }),
  body: (value = null) => shaped({ body: value })
}

module.exports = { SUBMISSIONS, TEMPLATES }
