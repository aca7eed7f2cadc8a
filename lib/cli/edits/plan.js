'use strict'

const path = require('path')

const { changesFor } = require('./changes')
const { POOLS } = require('./recipes')
const { Source, mistakeIn } = require('./source')

/**
 * What there is to edit in a folder, for which nothing is written; null where it is no pool that is known.
 * @param {(name: string) => Buffer | null} read  a file of the folder, null where it is not there
 * @returns {null | { pool: string, files: object[], missing: string[] }}  of each file its `name`, its bytes `before` and `after`, its `source`, its `changes` and their
 *   `places`; `missing` has a sentence for each place that was not found
 */
function planFor (read) {
  const texts = new Map()
  const bytesOf = name => {
    if (!texts.has(name)) texts.set(name, read(name))
    return texts.get(name)
  }
  const pool = POOLS.find(({ marks }) => Object.keys(marks).every(name => bytesOf(name) && marks[name].test(bytesOf(name).toString('latin1'))))
  if (!pool) return null
  const files = Object.keys(pool.edits).map(name => fileOf(name, bytesOf(name), pool.edits[name]))
  return { pool: pool.name, files: files.filter(({ changes }) => changes.length > 0), missing: [].concat(...files.map(mistakesOf)) }
}

function fileOf (name, before, edits) {
  const source = new Source(before)
  const { changes, missing, places } = changesFor(source, edits)
  return { name, before, source, changes, missing, places, after: source.with(changes) }
}

function mistakesOf ({ name, before, after, changes, missing }) {
  if (missing.length > 0) return missing.map(place => `${name}: not found: ${place}`)
  if (changes.length === 0) return []
  const mistake = mistakeIn(before, path.basename(name))
  if (mistake) return [`${name}: Node.js ${process.version} cannot read it as it is: ${mistake}`]
  const consequence = mistakeIn(after, path.basename(name))
  return consequence ? [`${name}: with the edits Node.js could not read it any more: ${consequence}`] : []
}

module.exports = { planFor }
