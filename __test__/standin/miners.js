'use strict'

const { createHash, randomBytes } = require('crypto')
const net = require('net')

const { keepsTemplates } = require('./edits')
const { rpcDaemon } = require('./requests')
const { blockOf, difficultyOf, hashOf, idOf } = require('./template')

const { port, difficulty, banning } = global.config.poolServer
const OLD_JOBS = 4
const EMPTY_JOB = { blob: '', job_id: '', target: '' }

/** The miners of one worker, one JSON text a line. */
class Miners {
  constructor (templates, onBlock) {
    Object.assign(this, { templates, onBlock, connected: new Map(), shares: {}, banned: new Set() })
    process.on('message', ({ type, ip }) => {
      if (type === 'banIP') this.banned.add(ip)
    })
  }

  listen () {
    net.createServer(socket => this.meet(socket)).listen(port, '127.0.0.1', function () {
      global.report('listening', { port: this.address().port })
    })
  }

  pushJobs () {
    for (const miner of this.connected.values()) miner.push('job', this.job(miner))
  }

  meet (socket) {
    const ip = socket.remoteAddress
    if (this.banned.has(ip)) return socket.destroy()
    const session = { miner: null, ip, push: (method, params) => write(socket, { jsonrpc: '2.0', method, params }) }
    let text = ''
    socket.setEncoding('utf8')
    socket.on('error', () => {})
    socket.on('close', () => session.miner && this.connected.delete(session.miner.id))
    socket.on('data', chunk => {
      const lines = (text + chunk).split('\n')
      text = lines.pop()
      for (const line of lines) this.hear(socket, session, JSON.parse(line))
    })
  }

  hear (socket, session, { id, method, params }) {
    const reply = (error, result) => write(socket, { id, jsonrpc: '2.0', error: error ? { code: -1, message: error } : null, result })
    if (method === 'login') return this.login(session, reply)
    const miner = this.connected.get(params.id)
    if (!miner) return reply('Unauthenticated')
    if (method === 'getjob') return reply(null, this.job(miner))
    if (method === 'submit') return this.submit(miner, params, reply)
    reply('invalid method')
  }

  login (session, reply) {
    if (this.banned.has(session.ip)) return reply('your IP is banned')
    const miner = { id: uid(), ip: session.ip, jobs: [], template: null, push: session.push }
    session.miner = miner
    this.connected.set(miner.id, miner)
    reply(null, { id: miner.id, job: this.job(miner), status: 'OK' })
  }

  job (miner) {
    const template = this.templates.current
    if (isSameWork(miner.template, template)) return EMPTY_JOB
    miner.template = template
    const blob = template.next()
    const job = { id: uid(), height: template.height, extraNonce: template.extraNonce, template, nonces: [] }
    miner.jobs.push(job)
    if (miner.jobs.length > OLD_JOBS) miner.jobs.shift()
    return { blob, job_id: job.id, target: difficulty, height: job.height }
  }

  submit (miner, { job_id: jobId, nonce, result }, reply) {
    const job = miner.jobs.find(({ id }) => id === jobId)
    if (!job) return reply('Invalid job id')
    if (job.nonces.includes(nonce)) return this.judge(miner, false, reply, 'Duplicate share')
    job.nonces.push(nonce)
    const template = keepsTemplates ? job.template : this.templateAt(job.height)
    if (!template) return reply('Block expired')
    this.judge(miner, this.isGood(job, template, nonce, result), reply, 'Low difficulty share')
  }

  templateAt (height) {
    const { current, old } = this.templates
    return current.height === height ? current : old.find(template => template.height === height)
  }

  isGood (job, template, nonce, result) {
    const blob = template.blob(job.extraNonce)
    const hash = hashOf(blob, nonce)
    if (hash !== result) {
      global.log('warn', 'pool', 'Bad hash at height %d', [job.height])
      return false
    }
    if (difficultyOf(hash) >= template.difficulty) this.submitBlock(job, blockOf(blob, nonce))
    return difficultyOf(hash) >= difficulty
  }

  submitBlock ({ height }, block) {
    rpcDaemon('submitblock', [block], error => {
      if (error) return global.log('error', 'pool', 'block at height %d is lost: %j', [height, error])
      global.report('block', { height, hash: idOf(block) })
      this.onBlock()
    })
  }

  judge (miner, isGood, reply, mistake) {
    this.count(miner, isGood)
    if (isGood) reply(null, { status: 'OK' })
    else reply(mistake)
  }

  /** Bans an address with too many bad shares, in all workers. */
  count (miner, isGood) {
    const shares = this.shares[miner.ip] || (this.shares[miner.ip] = { good: 0, bad: 0 })
    shares[isGood ? 'good' : 'bad']++
    if (shares.good + shares.bad < banning.checkThreshold) return
    const isBanned = shares.bad / (shares.good + shares.bad) >= banning.invalidPercent / 100
    delete this.shares[miner.ip]
    if (!isBanned) return
    global.report('banned', { ip: miner.ip })
    this.connected.delete(miner.id)
    process.send({ type: 'banIP', ip: miner.ip })
  }
}

/** The shortcut that spares a miner the job it has. */
function isSameWork (one, other) {
  if (one === null) return false
  return one.height === other.height && (!keepsTemplates || one.work === other.work)
}

function write (socket, value) {
  if (socket.writable) socket.write(JSON.stringify(value) + '\n')
}

function uid () {
  return createHash('sha256').update(randomBytes(16)).digest('hex').slice(0, 16)
}

module.exports = Miners
