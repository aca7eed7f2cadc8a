'use strict'

const net = require('net')

const { difficultyOf, hashOf } = require('./pool/lib/blocks')

/** A miner that solves what it is told to solve; connects again when it loses the pool. */
class Miner {
  constructor (port) {
    Object.assign(this, { port, id: null, jobs: [], replies: new Map(), requests: 0, nonce: 0, ended: false, accepted: 0, refused: [], emptyJobs: 0 })
    this.connect()
  }

  /** The job that it works on. */
  get job () {
    return this.jobs[this.jobs.length - 1]
  }

  connect () {
    let text = ''
    this.socket = net.connect(this.port, '127.0.0.1')
    this.socket.setEncoding('utf8')
    this.socket.on('error', () => {})
    this.socket.on('connect', () => this.login())
    this.socket.on('data', chunk => {
      const lines = (text + chunk).split('\n')
      text = lines.pop()
      for (const line of lines) this.hear(JSON.parse(line))
    })
    this.socket.on('close', () => {
      this.id = null
      if (!this.ended) setTimeout(() => this.ended || this.connect(), 50)
    })
  }

  login () {
    this.ask('login', { login: 'miner', pass: 'x' }).then(({ result }) => {
      if (!result) return
      this.id = result.id
      this.take(result.job)
    })
  }

  hear ({ id, method, params, error, result }) {
    if (method === 'job') return this.take(params)
    const reply = this.replies.get(id)
    this.replies.delete(id)
    reply({ error, result })
  }

  take (job) {
    if (job.job_id === '') this.emptyJobs++
    else this.jobs.push(job)
  }

  /** Sends a share of a job, which is worth at least the job's target, or what `worth` says. */
  share (job = this.job, worth = job.target) {
    let nonce, result
    do {
      nonce = (this.nonce++).toString(16).padStart(8, '0')
      result = hashOf(job.blob, nonce)
    } while (difficultyOf(result) < worth)
    return this.ask('submit', { id: this.id, job_id: job.job_id, nonce, result }).then(reply => {
      if (reply.error) this.refused.push(reply.error.message)
      else this.accepted++
      return reply
    })
  }

  ask (method, params) {
    const id = ++this.requests
    this.socket.write(JSON.stringify({ id, jsonrpc: '2.0', method, params }) + '\n')
    return new Promise(resolve => this.replies.set(id, resolve))
  }

  end () {
    this.ended = true
    this.socket.destroy()
  }
}

module.exports = Miner
