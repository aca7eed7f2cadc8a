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
const TITLE = '# Benchmarks'
const ABOUT_ALL = 'Written by `npm run bench -- --write`. Every value is a median, and ± is the median distance from it. Lower is better. `ratio` is our value divided by the best of the others, measured in the same round of the same run.'
/** What each benchmark is about, in a sentence. */
const ABOUT = {
  getdaemon: 'How long it takes to ask which daemon to use and to read its host and port. The comparison reads both from the pool\'s configuration. `call` does it in a function, `request` in the first lines of a request, `inlined` in a loop. `blocked` counts switches that the pool does not see while its event loop is blocked.',
  startup: 'What it costs a pool to load and start the addon.',
  decision: 'The time of one decision: the addon records a poll, judges all daemons, chooses one, and makes the snapshot.',
  poll: 'The processor time that polls of 4 daemons take: of the whole process, and of its main thread. `paced` are the polls of regular watching. `flat` is `refresh()` again and again: two requests to each daemon, and a snapshot for JavaScript.',
  scale: 'What each further daemon costs.',
  failover: 'The time from the first request after a fault to the next good template. The pool asks through `attach` (with and without the optional edit), through HAProxy (with its defaults, and tuned: `benches/haproxy/`), or one daemon alone.',
  gateway: 'The time of a block template through the gateway. The comparisons ask through HAProxy on one thread (`benches/haproxy/gateway.cfg`), and the daemon itself. `time` is what a pool waits whose code asks with Node.js\' `http`; the other rows leave that out: they ask over bare sockets.',
  followers: 'What `attach` costs a worker that follows its master.',
  page: 'How long one message to the viewers of the status page blocks the event loop, and how late the loop is with and without a viewer. Meanwhile daemons fail and come back all the time.',
  weeks: 'How simulated pools spend 100 weeks, and what becomes of their requests; seed 1 (`npm run sim -- weeks`).',
  harsh: 'The same in 2,000 harsh worlds of ten minutes; seed 1 (`npm run sim -- harsh`).',
  regions: 'The same in 300 worlds of an hour, in which daemons are slow and blocks take seconds from one daemon to another; seed 1 (`npm run sim -- regions`).'
}

/** Writes docs/benchmarks.md and its pictures: the chapters of these results; the others stay as they are. @param {Map<string, import('./figure').Figure[]>} results */
function write (results) {
  const folder = path.join(ROOT, 'docs', 'benchmarks')
  const file = path.join(ROOT, 'docs', 'benchmarks.md')
  fs.mkdirSync(folder, { recursive: true })
  for (const [name, draw] of Object.entries(PLOTS)) {
    if (results.has(name)) fs.writeFileSync(path.join(folder, `${name}.svg`), draw(results.get(name)))
  }
  const chapters = chaptersOf(fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '')
  const measured = surroundings()
  for (const [name, figures] of results) chapters.set(name, chapter(name, figures, measured))
  fs.writeFileSync(file, [TITLE, ABOUT_ALL, ...chapters.values()].join('\n\n') + '\n')
}

/** The chapters that are there, by their names, without those of benchmarks that are gone. */
function chaptersOf (text) {
  const chapters = text.split(/^(?=## )/m).slice(1).map(chapter => [/^## (.*)/.exec(chapter)[1], chapter.trim()])
  return new Map(chapters.filter(([name]) => ABOUT[name]))
}

function chapter (name, figures, measured) {
  const picture = PLOTS[name] ? [`![${name}](benchmarks/${name}.svg)`] : []
  return [`## ${name}`, ABOUT[name], ...picture, markdown(figures), measured].join('\n\n')
}

/** Where and with what it was measured. */
function surroundings () {
  const machine = `${os.cpus().length} × ${os.cpus()[0].model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.type()} ${os.release().split('-')[0]}`
  const programs = [`Node.js ${process.version}`, versionOf('rustc', ['--version']), versionOf('haproxy', ['-v']), `undici ${require('undici/package.json').version}`]
  return `Measured at commit ${versionOf('git', ['rev-parse', '--short', 'HEAD'])} on ${machine}, with ${programs.join(', ')}.`
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
