'use strict'

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { bars, lines } = require('./plot')
const { markdown } = require('./printer')

const ROOT = path.join(__dirname, '..')
const PLOTS = {
  scale: figures => lines({
    title: 'Microseconds of one decision',
    across: 'daemons',
    lines: ['steady', 'forked'].map(group => ({ name: group === 'steady' ? 'all agree' : 'a third forked', points: pointsOf(figures, `decision/${group}/`) }))
  }),
  failover: figures => bars({
    title: 'Seconds without a good template after a fault',
    unit: 's',
    groups: groupsOf(figures)
  })
}
/** What each benchmark is about, in a sentence. */
const ABOUT = {
  getdaemon: 'Asking which daemon to use and reading its host and port, against reading them off the pool\'s configuration: in a function that is called for it, in the first lines of a request, and inlined into a loop; and switches that are not seen while the event loop is blocked.',
  startup: 'What a pool pays for having the addon at all.',
  decision: 'One decision: a report recorded, all daemons judged, one chosen, the snapshot made.',
  poll: 'Processor time of a whole process, and of its main thread, for polls of 4 daemons.',
  scale: 'What each further daemon costs.',
  failover: 'From the first request that met the fault to the next good template, as a pool sees it: through `attach`, with and without the optional edit, through HAProxy as it comes and as good as it gets (`benches/haproxy/`), and with one daemon alone.',
  gateway: 'A block template through the gateway, beside HAProxy on one thread (`benches/haproxy/gateway.cfg`) and straight to the daemon.',
  followers: 'What `attach` adds to a worker that follows its master.',
  page: 'How long one message to those who look at the status page keeps the event loop, and how late the loop is with somebody looking on and without, while daemons fail and come back all the time.',
  weeks: 'Shares of time, and requests, of simulated pools over 100 weeks, seed 1 (`npm run sim -- weeks`).',
  harsh: 'The same over 2,000 harsh worlds of ten minutes, seed 1 (`npm run sim -- harsh`).',
  regions: 'The same over 300 worlds of an hour, in which daemons are slow and blocks are under way for seconds, seed 1 (`npm run sim -- regions`).'
}

/** Writes docs/benchmarks.md and its pictures. @param {Map<string, import('./figure').Figure[]>} results */
function write (results) {
  const folder = path.join(ROOT, 'docs', 'benchmarks')
  fs.mkdirSync(folder, { recursive: true })
  for (const [name, draw] of Object.entries(PLOTS)) {
    if (results.has(name)) fs.writeFileSync(path.join(folder, `${name}.svg`), draw(results.get(name)))
  }
  fs.writeFileSync(path.join(ROOT, 'docs', 'benchmarks.md'), documentOf(results))
}

function documentOf (results) {
  const chapters = [...results].map(([name, figures]) => [
    `## ${name}`,
    ABOUT[name],
    ...PLOTS[name] ? [`![${name}](benchmarks/${name}.svg)`] : [],
    markdown(figures)
  ].join('\n\n'))
  return [
    '# Benchmarks',
    'Written by `npm run bench -- --write`. Everything is a median; ± is the median distance from it; lower is better. `ratio` is ours by the best of the others, within the same round of the same run.',
    surroundings(),
    ...chapters
  ].join('\n\n') + '\n'
}

function surroundings () {
  const rows = [
    ['machine', `${os.cpus().length} × ${os.cpus()[0].model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.type()} ${os.release().split('-')[0]}`],
    ['Node.js', process.version],
    ['Rust', versionOf('rustc', ['--version'])],
    ['HAProxy', versionOf('haproxy', ['-v'])],
    ['undici', require('undici/package.json').version],
    ['commit', versionOf('git', ['rev-parse', '--short', 'HEAD'])]
  ]
  return ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n')
}

function versionOf (program, args) {
  const { error, stdout } = spawnSync(program, args, { cwd: ROOT, encoding: 'utf8' })
  return error ? 'not there' : stdout.split('\n')[0].replace(/ - https?:.*/, '').trim()
}

function pointsOf (figures, prefix) {
  return figures.filter(({ name }) => name.startsWith(prefix)).map(({ name, ours }) => [Number(name.slice(prefix.length)), ours])
}

function groupsOf (figures) {
  const groups = new Map()
  for (const { name, ours, unit } of figures) {
    const [, fault, way] = name.split('/')
    if (!groups.has(fault)) groups.set(fault, [])
    groups.get(fault).push({ name: way, value: unit === 's' ? ours : null })
  }
  return [...groups].map(([name, bars]) => ({ name, bars }))
}

module.exports = write
