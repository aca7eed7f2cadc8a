'use strict'

const { spawn, spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { createInterface } = require('node:readline')
const { writeSeeds } = require('./seeds')

const BUILT = path.join(__dirname, '..', 'target', 'fuzz')
/** Longer inputs than any recorded reply only make it slow. */
const LONGEST_INPUT = 16 * 1024
/** A parser that takes more memory (MB) or time (s) than that for one input is broken. */
const [MOST_MEMORY, LONGEST_TIME] = [512, 10]

/**
 * What cargo-fuzz says to the compiler, which works without it and on a stable compiler: the code counts where it goes and
 * tells what it compares.
 */
const INSTRUMENTED = [
  '--cfg fuzzing', '-Cpasses=sancov-module', '-Cllvm-args=-sanitizer-coverage-level=4', '-Cllvm-args=-sanitizer-coverage-inline-8bit-counters',
  '-Cllvm-args=-sanitizer-coverage-pc-table', '-Cllvm-args=-sanitizer-coverage-trace-compares'
].join(' ')

/** Builds the Rust targets, and gives the folder that they are in. */
function build () {
  console.log('building the targets, which takes a minute or two the first time')
  const host = hostOf(run('rustc', ['-vV'], {}))
  // With --target, build scripts and macros are not instrumented.
  run('cargo', ['build', '--quiet', '--release', '--target', host, '--target-dir', BUILT], { RUSTFLAGS: INSTRUMENTED })
  return path.join(BUILT, host, 'release')
}

/** Lets libFuzzer try inputs on one target. @returns {Promise<boolean>} whether all of them held */
async function fuzz (target, folder, seconds, seed) {
  const [seeds, corpus, kept] = [path.join(BUILT, 'seeds', target), path.join(BUILT, 'corpus', target), path.join(__dirname, 'regressions', target)]
  writeSeeds(target, seeds)
  for (const each of [corpus, kept]) fs.mkdirSync(each, { recursive: true })
  const args = [
    `-max_total_time=${Math.ceil(seconds)}`, `-seed=${seed}`, `-artifact_prefix=${kept}${path.sep}`, `-dict=${path.join(__dirname, 'json.dict')}`, `-max_len=${LONGEST_INPUT}`,
    `-rss_limit_mb=${MOST_MEMORY}`, `-timeout=${LONGEST_TIME}`, '-print_final_stats=1', corpus, seeds, kept
  ]
  const fuzzer = spawn(path.join(folder, target), args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const lines = []
  createInterface(fuzzer.stderr).on('line', line => lines.push(line))
  const code = await new Promise(resolve => fuzzer.on('close', resolve))
  console.log(`${target}: ${summaryOf(lines)}`)
  if (code !== 0) console.error(lines.filter(line => !/^#\d/.test(line)).join('\n'))
  return code === 0
}

/** From libFuzzer's own account. */
function summaryOf (lines) {
  const last = pattern => lines.map(line => pattern.exec(line)).filter(Boolean).map(([, number]) => number).pop() || '0'
  return `${last(/stat::number_of_executed_units:\s+(\d+)/)} inputs, ${last(/stat::new_units_added:\s+(\d+)/)} of them new, ${last(/cov: (\d+)/)} places reached`
}

function hostOf (version) {
  return /^host: (.*)$/m.exec(version)[1]
}

/** What a program prints; its failure ends everything. */
function run (program, args, environment) {
  const { error, status, stdout } = spawnSync(program, args, {
    cwd: __dirname, env: { ...process.env, ...environment }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']
  })
  if (error) throw new Error(`${program} does not run: ${error.message} (Rust is installed from https://rustup.rs)`)
  if (status !== 0) throw new Error(`${program} failed (besides Rust it takes a C++ compiler)`)
  return stdout
}

module.exports = { build, fuzz }
