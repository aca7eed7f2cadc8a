'use strict'

const { readIn } = require('./files')
const { planFor } = require('./plan')

/**
 * What the edits of a pool's sources would still change.
 * @returns {null | { pool: string, attached: boolean, files: string[], obstacles: string[] }}  null where the folder has no pool that is known; `attached` is false where not
 *   even `init.js` has its line
 */
function missingIn (folder) {
  const plan = planOf(folder)
  if (!plan) return null
  const { pool, files, missing } = plan
  const names = files.map(({ name }) => name)
  return { pool, attached: !names.includes('init.js') && !missing.some(place => place.startsWith('init.js:')), files: names, obstacles: missing }
}

/** Whoever looks on may not be allowed to read a pool's sources. */
function planOf (folder) {
  try {
    return planFor(name => readIn(folder, name))
  } catch (error) {
    return null
  }
}

module.exports = { missingIn }
