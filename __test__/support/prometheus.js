'use strict'

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { atTheLatest } = require('./leftovers')
const { until } = require('./until')

/** Between two scrapes, and between two looks at the rules. */
const INTERVAL = '500ms'

/** A real Prometheus on loopback, with a folder of its own, that scrapes one place. */
class Prometheus {
  /**
   * @param {object} options
   * @param {string} options.target  host:port, scraped at /metrics
   * @param {string} options.rules  a file of alert rules
   */
  static async start ({ target, rules }) {
    const prometheus = new Prometheus(target, rules)
    try {
      await until('Prometheus to be ready', () => prometheus.#find(), Boolean, { hopeless: () => prometheus.#ended() })
    } catch (error) {
      await prometheus.remove()
      throw error
    }
    return prometheus
  }

  #process
  #log = ''
  #undo
  #url = null

  constructor (target, rules) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'multi-daemon-prometheus-'))
    const config = path.join(folder, 'prometheus.yml')
    fs.writeFileSync(config, JSON.stringify({
      global: { scrape_interval: INTERVAL, scrape_timeout: INTERVAL, evaluation_interval: INTERVAL },
      rule_files: [rules],
      scrape_configs: [{ job_name: 'pool', static_configs: [{ targets: [target] }] }]
    }))
    const args = [`--config.file=${config}`, `--storage.tsdb.path=${path.join(folder, 'data')}`, '--web.listen-address=127.0.0.1:0']
    this.#process = spawn('prometheus', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#process.stderr.setEncoding('utf8').on('data', text => { this.#log += text })
    this.#undo = atTheLatest(() => {
      this.#process.kill('SIGKILL')
      fs.rmSync(folder, { recursive: true, force: true })
    })
  }

  /** What its HTTP interface answers, as `data`. */
  async get (path) {
    const reply = await fetch(`${this.#url}/api/v1/${path}`)
    return (await reply.json()).data
  }

  async remove () {
    const ended = this.#ended() ? null : once(this.#process, 'close')
    this.#process.kill()
    await ended
    this.#undo()
  }

  #ended () {
    return this.#process.exitCode === null && this.#process.signalCode === null ? undefined : `it has ended: ${this.#log}`
  }

  /** It says in its log which port it took. */
  async #find () {
    const [, address] = /msg="Listening on" address=(\S+)/.exec(this.#log) || []
    if (!address) return null
    this.#url = `http://${address}`
    return (await fetch(`${this.#url}/-/ready`)).ok
  }
}

module.exports = { Prometheus }
