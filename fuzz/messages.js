'use strict'

const { createHash } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')
const fc = require('fast-check')
const { PROPERTIES } = require('./properties/messages')

const KEPT = path.join(__dirname, 'regressions', 'messages')

/** Tries messages for so long. @returns {boolean} whether all of them held */
function fuzz (seconds) {
  const names = Object.keys(PROPERTIES)
  const outcomes = names.map(name => check(name, seconds * 1000 / names.length))
  const tries = outcomes.reduce((sum, { numRuns }) => sum + numRuns, 0)
  console.log(`messages: ${tries} inputs`)
  return outcomes.every(({ failed }) => !failed)
}

function check (name, milliseconds) {
  const { input, holdFor } = PROPERTIES[name]
  const limits = { numRuns: Infinity, interruptAfterTimeLimit: milliseconds, markInterruptAsFailure: false }
  const outcome = fc.check(fc.property(input, holdFor), limits)
  if (outcome.failed) keep(name, outcome)
  return outcome
}

/** An input that broke something becomes a test. */
function keep (name, { counterexample: [input], errorInstance }) {
  const text = JSON.stringify({ property: name, input }, null, 1) + '\n'
  const file = path.join(KEPT, `${createHash('sha256').update(text).digest('hex').slice(0, 16)}.json`)
  fs.mkdirSync(KEPT, { recursive: true })
  fs.writeFileSync(file, text)
  console.error(`messages: ${path.relative(process.cwd(), file)} breaks '${name}': ${errorInstance.stack}`)
}

/** What once broke something. @returns {Array<{ file: string, property: string, input: any }>} */
function kept () {
  const files = fs.existsSync(KEPT) ? fs.readdirSync(KEPT).filter(file => file.endsWith('.json')) : []
  return files.map(file => ({ file, ...JSON.parse(fs.readFileSync(path.join(KEPT, file), 'utf8')) }))
}

module.exports = { fuzz, kept }
