'use strict'

const { createHash } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')
const { seededRandom } = require('../sim/random')
const Dice = require('../soak/dice')
const Coverage = require('./coverage')
const { mutate, smaller } = require('./mutate')
const { search } = require('./search')

const LIB = path.join(__dirname, '..', 'lib')
const KEPT = path.join(__dirname, 'regressions', 'messages')
/** The properties of what others send; what a master leaves it has made itself. */
const FROM_OTHERS = ['follow', 'lead', 'start']
/** Of each of those. */
const SEEDS = 50

/** Tries messages for so long. @returns {Promise<boolean>} whether all of them held */
async function fuzz (seconds, seed) {
  const end = Date.now() + seconds * 1000
  const coverage = new Coverage(LIB)
  const { tried, grown, failure } = await search(target(coverage, seed), new Dice(seededRandom(seed)), () => Date.now() >= end)
  coverage.stop()
  console.log(`messages: ${tried} inputs, ${grown} of them new, ${coverage.places()} places reached`)
  if (failure) keep(failure, seed)
  return failure === null
}

/** Each input is a property's, as in a file that is kept. */
function target (coverage, seed) {
  // Loaded only now that what it loads is counted.
  const { PROPERTIES } = require('./properties/messages')
  return {
    seeds: [...kept(), ...FROM_OTHERS.flatMap(property => samples(property, PROPERTIES[property].input, seed))],
    mutate: ({ property, input }, other, dice) => ({ property, input: mutate(input, other.input, dice) }),
    * smaller ({ property, input }) {
      for (const less of smaller(input)) yield { property, input: less }
    },
    holdFor: ({ property, input }) => PROPERTIES[property].holdFor(input),
    coverage
  }
}

function samples (property, arbitrary, seed) {
  const fc = require('fast-check')
  return fc.sample(arbitrary, { numRuns: SEEDS, seed }).map(input => ({ property, input }))
}

/** An input that broke something becomes a test. */
function keep ({ input: { property, input }, error }, seed) {
  const text = JSON.stringify({ property, input }, null, 1) + '\n'
  const file = path.join(KEPT, `${createHash('sha256').update(text).digest('hex').slice(0, 16)}.json`)
  fs.mkdirSync(KEPT, { recursive: true })
  fs.writeFileSync(file, text)
  console.error(`messages: ${path.relative(process.cwd(), file)} breaks '${property}' (--seed ${seed} finds it again): ${error.stack}`)
}

/** What once broke something. @returns {Array<{ property: string, input: any }>} */
function kept () {
  const files = fs.existsSync(KEPT) ? fs.readdirSync(KEPT).filter(file => file.endsWith('.json')).sort() : []
  return files.map(file => JSON.parse(fs.readFileSync(path.join(KEPT, file), 'utf8')))
}

module.exports = { fuzz, kept }
