'use strict'

// Packs the package, installs it with each supported Node.js and its npm, and exercises what was installed there.

const { spawn, spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { pack } = require('../../scripts/release/pack')
const { checkSize } = require('../../scripts/release/size')
const { node, npm } = require('./runtimes')
const { TOO_OLD, VERSIONS } = require('./versions')

const ROOT = path.join(__dirname, '..', '..')
const EXERCISE = path.join(__dirname, 'exercise.js')
/** So many versions are exercised at the same time. Each check mostly waits. */
const LANES = 2
/** How long one check or installation may take: seconds, on a machine that has nothing else to do. */
const LIMIT_MS = 180000
const WORKER_THREADS = 'worker threads'

async function main () {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'nodes-'))
  // Ctrl-C reaches the children too; what they leave has to go all the same.
  process.on('exit', () => fs.rmSync(scratch, { recursive: true, force: true }))
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

  const tarball = packAndCheck(scratch)
  const checks = JSON.parse(output(process.execPath, [EXERCISE]))
  const columns = await inLanes(VERSIONS, async version => ({
    title: version.node,
    results: await examine(version, checks, tarball, path.join(scratch, version.node))
  }))
  const old = { title: TOO_OLD, results: [await refusal(tarball, path.join(scratch, TOO_OLD))] }
  report(columns, old)
}

/** Gives the path of the package as it is published. Whichever binaries are there, no part is larger than it may be. */
function packAndCheck (folder) {
  const { file, size, binaries } = pack(folder)
  const { parts, wrong } = checkSize(size, binaries)
  console.log(parts.join('\n'))
  if (wrong) throw new Error(wrong)
  // It has to be whole for those who build it from source, too.
  output('tar', ['-xzf', file], folder)
  output('cargo', ['metadata', '--no-deps', '--format-version', '1', '--manifest-path', path.join(folder, 'package', 'Cargo.toml')])
  const sources = path.join(folder, 'package', 'src')
  for (const name of fs.readdirSync(sources, { recursive: true }).filter(name => name.endsWith('.rs'))) {
    const file = path.join(sources, name)
    // What only the documentation shows is not compiled.
    const compiled = fs.readFileSync(file, 'utf8').replace(/^#!\[cfg_attr\(doc, .*$/gm, '')
    for (const [, included] of compiled.matchAll(/include_(?:str|bytes)!\("([^"]+)"\)/g)) {
      fs.accessSync(path.resolve(path.dirname(file), included))
    }
  }
  return file
}

/** Every check in one version, as `{ check, outcome, output }`. */
async function examine (version, checks, tarball, folder) {
  const program = node(version.node)
  const results = []
  for (const [check, flags] of [['npm install', []], ['npm install --ignore-scripts', ['--ignore-scripts']]]) {
    results.push({ check, ...await install(version, tarball, folder, flags) })
  }
  const installed = path.join(folder, 'node_modules', 'turtle-pool-multi-daemon')
  for (const check of checks) {
    const left = check === WORKER_THREADS && parseInt(version.node) < 12
    const done = left ? { outcome: '-' } : verdict(await run(program, [EXERCISE, installed, check]), output => /^passed$/m.test(output))
    results.push({ check, ...done })
  }
  for (const [check, script] of SCRIPTS) results.push({ check, ...verdict(await run(program, [path.join(ROOT, script)]), () => true) })
  return results
}

/** Plain scripts that run the sources themselves: what the package does inside a pool. They fail by their exit code. */
const SCRIPTS = [
  ['rpc()', path.join('scripts', 'test-rpc.js')]
]

/** Installs into a new folder. All that comes of it is the package itself. */
async function install ({ node: nodeVersion, npm: npmVersion }, tarball, folder, flags) {
  const program = node(nodeVersion)
  fs.rmSync(folder, { recursive: true, force: true })
  fs.mkdirSync(folder)
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "name": "a-pool", "version": "1.0.0", "private": true }')
  // npm runs scripts with the first `node` on the path.
  const env = { ...process.env, PATH: [path.dirname(program), process.env.PATH].join(path.delimiter) }
  for (const name of Object.keys(env)) if (/^npm_/i.test(name) && !/registry|cache/i.test(name)) delete env[name]
  const args = [npm(npmVersion), 'install', '--no-audit', '--no-fund', ...flags, tarball]
  return verdict(await run(program, args, { cwd: folder, env }), () => {
    const installed = path.join(folder, 'node_modules', 'turtle-pool-multi-daemon')
    const loads = spawnSync(program, ['-e', `new (require(${JSON.stringify(installed)}).MultiDaemon)(${JSON.stringify(ANY_CONFIG)})`])
    return loads.status === 0 && !fs.readdirSync(installed).some(name => name.startsWith('build-'))
  })
}

const ANY_CONFIG = { daemon: { host: '127.0.0.1', port: 1 }, multiDaemon: { enabled: true, daemons: [{ host: '127.0.0.1', port: 2 }] } }

/** What is too old is told so, by the package and by its installation. */
async function refusal (tarball, folder) {
  fs.mkdirSync(folder)
  output('tar', ['-xzf', tarball, '-C', folder])
  const needs = /needs Node\.js 10\.20 or newer, but this is v8/
  const ends = await Promise.all(['index.js', 'install.js'].map(file => run(node(TOO_OLD), [path.join(folder, 'package', file)])))
  const outcome = ends.every(({ code, output }) => code === 1 && needs.test(output)) ? 'ok' : 'FAILED'
  return { check: 'says which Node.js it needs', outcome, output: ends.map(({ output }) => output).join('') }
}

function verdict ({ code, output }, isGood) {
  return { outcome: code === 0 && isGood(output) ? 'ok' : 'FAILED', output: `${output}ended with ${code}` }
}

/** Runs a program to its end, or ends it. */
function run (program, args, options = {}) {
  return new Promise(resolve => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT_MS, killSignal: 'SIGKILL' })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => { output += chunk })
    child.on('error', error => { output += error.message })
    child.on('close', (code, signal) => resolve({ code: signal || code, output }))
  })
}

/** Some at a time; gives the results in the order of the list. */
async function inLanes (list, work) {
  const results = []
  const entries = list.entries()
  await Promise.all(Array.from({ length: LANES }, async () => {
    for (const [index, each] of entries) results[index] = await work(each)
  }))
  return results
}

function output (program, args, cwd) {
  const { error, status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: LIMIT_MS })
  if (error) throw error
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed:\n${stderr}`)
  return stdout
}

/** A table of version by check, then what was said where something failed. */
function report (columns, old) {
  const names = columns[0].results.map(({ check }) => check)
  const width = Math.max(...names.map(name => name.length))
  console.log(['Node.js'.padEnd(width), ...columns.map(({ title }) => title.padStart(8))].join('  '))
  for (const [row, name] of names.entries()) {
    console.log([name.padEnd(width), ...columns.map(({ results }) => results[row].outcome.padStart(8))].join('  '))
  }
  const all = [...columns, old].flatMap(({ title, results }) => results.map(result => ({ title, ...result })))
  console.log(`${old.results[0].check} on ${old.title}: ${old.results[0].outcome}`)
  const failed = all.filter(({ outcome }) => outcome === 'FAILED')
  for (const { title, check, output } of failed) console.log(`\n== Node.js ${title}: ${check}\n${output}`)
  const count = outcome => all.filter(result => result.outcome === outcome).length
  console.log(`${count('ok')} passed, ${failed.length} failed, ${count('-')} skipped`)
  process.exitCode = failed.length > 0 ? 1 : 0
}

main().catch(error => {
  console.error(error)
  process.exitCode = 1
})
