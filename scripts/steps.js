'use strict'

// Runs checks: stages one after the other, and in a stage several lanes of steps beside each other.

const { spawn } = require('node:child_process')
const path = require('node:path')
const { meter } = require('./spent')

const ROOT = path.join(__dirname, '..')

/**
 * A step gives its exit code, or a sentence why there was nothing to do. What it prints through `say` is kept until the step has
 * ended where other lanes print as well.
 * @typedef {{ name: string, run: (print: Print) => number | string | Promise<number | string> }} Step
 * @typedef {(text: string | Buffer) => void} Print
 */

/** Runs them until one fails. @param {Step[][][]} stages Each has lanes, each of which has steps. @returns {Promise<number>} the exit code */
async function runStages (stages) {
  const summary = []
  const spent = meter()
  let code = 0
  for (const lanes of stages) {
    if (code !== 0) break
    const codes = await Promise.all(lanes.map(steps => runLane(steps, lanes.length === 1, summary)))
    code = codes.find(each => each !== 0) || 0
  }
  console.log(`\n== summary\n${summary.join('\n')}\nin all    ${spent()}`)
  return code
}

/** One step after the other; the first that fails ends the lane. */
async function runLane (steps, isAlone, summary) {
  for (const { name, run } of steps) {
    const kept = []
    console.log(isAlone ? `\n== ${name}` : `== ${name}: begins`)
    const began = performance.now()
    const outcome = await run(isAlone ? text => process.stdout.write(text) : text => kept.push(Buffer.from(text)))
    const took = `${((performance.now() - began) / 1000).toFixed(1)} s`
    if (!isAlone) process.stdout.write(Buffer.concat([Buffer.from(`\n== ${name} (${took})\n`), ...kept]))
    if (typeof outcome === 'string') {
      console.log(outcome)
      summary.push(`left out  ${name}: ${outcome}`)
    } else {
      summary.push(`${outcome === 0 ? 'passed  ' : 'FAILED  '}  ${name} (${took})`)
      if (outcome !== 0) return outcome
    }
  }
  return 0
}

/**
 * The program's exit code, and why it does not even start or was killed.
 * @param {Print} print
 * @param {string} program
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
function execute (print, program, args, options = {}) {
  return new Promise(resolve => {
    const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], ...options })
    child.stdout.on('data', print)
    child.stderr.on('data', print)
    child.on('error', error => {
      print(`${program} does not run: ${error.message}\n`)
      resolve(1)
    })
    child.on('close', (code, signal) => {
      if (signal) print(`${program} was ended by ${signal}\n`)
      resolve(code === null ? 1 : code)
    })
  })
}

module.exports = { execute, runStages }
