'use strict'

const { fork, spawnSync } = require('child_process')
const fs = require('fs')
const os = require('os')
const path = require('path')

const Miner = require('./miner')

/** Until waiting for a condition is given up; only a machine at a standstill comes near it. */
const LIMIT = 40000

/** A running stand-in, as a test sees it: its reports, its commands, and miners that work for it. */
class Standin {
  constructor (config, environment = {}) {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'multi-daemon-standin-'))
    this.file = path.join(this.folder, 'config.json')
    Object.assign(this, { reports: [], miners: [], commands: 0, output: '' })
    this.configure(config)
    install(this.folder, config)
    this.start(Object.assign({}, process.env, environment))
  }

  /** A pool on these daemons, the first of which is its own; `settings` go into the blocks of that name. */
  static configOf (daemons, settings = {}) {
    const [daemon, ...others] = daemons.map(({ host, port }) => ({ host, port }))
    const { standin, poolServer, blockUnlocker, multiDaemon } = settings
    return {
      daemon,
      coin: 'standin',
      coinDifficultyTarget: 30,
      poolServer: Object.assign({
        clusterForks: 1,
        port: 0,
        poolAddress: 'T'.repeat(99),
        blockRefreshInterval: 100,
        difficulty: 1,
        banning: { checkThreshold: 5, invalidPercent: 25 }
      }, poolServer),
      blockUnlocker: Object.assign({ enabled: false, depth: 40, interval: 100, candidates: [] }, blockUnlocker),
      multiDaemon: Object.assign({ enabled: true, daemons: others, pollingInterval: 150, timeout: 400 }, multiDaemon),
      standin: Object.assign({ variant: 'plain', attach: 'all', respawnDelay: 200 }, standin)
    }
  }

  /** What the next process to start will read. */
  configure (config) {
    this.config = config
    fs.writeFileSync(this.file, typeof config === 'string' ? config : JSON.stringify(config))
  }

  /** The same, as editors do it: a new file takes the place of the old one. */
  replace (config) {
    const file = path.join(this.folder, 'config.json.new')
    fs.writeFileSync(file, JSON.stringify(config))
    fs.renameSync(file, this.file)
  }

  start (env) {
    this.master = fork(path.join(this.folder, 'init.js'), [this.file], { env, execArgv: [], execPath: Standin.node, silent: true })
    this.ended = new Promise(resolve => this.master.once('exit', resolve))
    let text = ''
    this.master.stdout.setEncoding('utf8').on('data', chunk => {
      const lines = (text + chunk).split('\n')
      text = lines.pop()
      for (const line of lines) this.hear(line)
    })
    this.master.stderr.setEncoding('utf8').on('data', chunk => { this.output += chunk })
  }

  hear (line) {
    if (line.startsWith('{')) this.reports.push(JSON.parse(line))
    else this.output += line + '\n'
  }

  /** Reports of one event, from a process or from all. */
  all (event, members = {}) {
    const names = Object.keys(members)
    return this.reports.filter(report => report.event === event && names.every(name => report[name] === members[name]))
  }

  /** Lines of the pool's log that were written by the addon. */
  log () {
    return this.all('log', { system: 'multiDaemon' })
  }

  /** The next report of an event, from now on. */
  next (event, condition = () => true) {
    const start = this.reports.length
    return this.until(() => this.reports.slice(start).find(report => report.event === event && condition(report)), `a further ${event}`)
  }

  /** Gives the condition's value as soon as it is true. */
  async until (condition, what = String(condition)) {
    const deadline = Date.now() + LIMIT
    for (;;) {
      const value = condition()
      if (value) return value
      if (Date.now() > deadline) throw new Error(`not in time: ${what}\n${this.output}${this.tail()}`)
      await new Promise(resolve => setTimeout(resolve, 10))
    }
  }

  tail () {
    return this.reports.slice(-40).map(report => JSON.stringify(report).slice(0, 300)).join('\n')
  }

  /** Makes the master busy, until what this gives is called. */
  block () {
    const file = path.join(this.folder, 'unblock')
    this.command('block', { until: file })
    return () => fs.writeFileSync(file, '')
  }

  command (command, members) {
    const id = ++this.commands
    this.master.send(Object.assign({ command, id }, members))
    return id
  }

  /** What the processes of a role (or the first process of it) say of themselves. */
  async status (role) {
    const id = this.command('status')
    return this.until(() => this.all('status', { id, role })[0], `status of ${role}`)
  }

  /** Asks a role until it says what is wanted. */
  async says (role, condition, what) {
    const deadline = Date.now() + LIMIT
    for (;;) {
      const report = await this.status(role)
      if (condition(report)) return report
      if (Date.now() > deadline) throw new Error(`${role} never said: ${what || condition}\n${JSON.stringify(report)}\n${this.output}${this.tail()}`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }

  /** A miner that has a job. */
  async miner () {
    const { port } = await this.until(() => this.all('listening')[0], 'a worker listens')
    const miner = new Miner(port)
    this.miners.push(miner)
    await this.until(() => miner.job, 'a job')
    return miner
  }

  /** Ends the master; its workers end with it. */
  async end () {
    this.miners.forEach(miner => miner.end())
    this.master.kill('SIGKILL')
    await this.ended
    const pids = Array.from(new Set(this.reports.map(({ pid }) => pid)))
    await this.until(() => !pids.some(isAlive), 'the workers end with their master')
    fs.rmSync(this.folder, { recursive: true })
  }
}

/** The Node that runs the pool: this one, unless the environment names another (STANDIN_NODE=/path/to/node). */
Standin.node = process.env.STANDIN_NODE || process.execPath

/** The package that the pool uses: this one, unless the environment names another (STANDIN_PACKAGE=/path/to/node_modules/turtle-pool-multi-daemon). */
Standin.package = process.env.STANDIN_PACKAGE || path.join(__dirname, '..', '..')

/** The pool in a folder of its own, with the addon where npm would put it; the edited variant is edited as an operator would do it. */
function install (folder, { standin }) {
  fs.cpSync(path.join(__dirname, 'pool'), folder, { recursive: true })
  fs.mkdirSync(path.join(folder, 'node_modules'))
  fs.symlinkSync(Standin.package, path.join(folder, 'node_modules', 'turtle-pool-multi-daemon'))
  if (!standin || standin.variant !== 'edited') return
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(Standin.package, 'lib', 'cli', 'bin.js'), 'edits', '--write', folder], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the stand-in cannot be edited: ${stdout}${stderr}`)
}

function isAlive (pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return false
  }
}

module.exports = Standin
