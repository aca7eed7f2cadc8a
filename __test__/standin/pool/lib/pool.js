'use strict'

// A pool worker: keeps a template fresh, and hands out jobs on it, one JSON text a line. The lines that edits look for are as in
// the pools; what the edits do to them is in no file here.

const { createHash, randomBytes } = require('crypto')
const net = require('net')

const apiInterfaces = require('./apiInterfaces.js')
const { RESERVED, blockOf, difficultyOf, hashOf, idOf } = require('./blocks')

const { poolAddress, blockRefreshInterval, port, difficulty, banning } = global.config.poolServer
/** So many older templates are kept for shares that are still to come, and so many older jobs of a miner. */
const OLD_TEMPLATES = 3
const OLD_JOBS = 4

let currentBlockTemplate = null
const validBlockTemplates = []
const connected = new Map()
const banned = new Set()
const shares = {}

process.on('message', ({ type, ip }) => {
  if (type === 'banIP') banned.add(ip)
})

/** What a daemon gives to build a block on; each job gets a number of its own written into it. */
class BlockTemplate {
  constructor (template) {
    this.difficulty = template.difficulty
    this.height = template.height
    this.offset = template.reserved_offset
    this.buffer = Buffer.from(template.blocktemplate_blob, 'hex')
    this.extraNonce = 0
  }

  nextBlob () {
    return this.blobOf(++this.extraNonce)
  }

  blobOf (extraNonce) {
    const buffer = Buffer.from(this.buffer)
    buffer.writeUInt32BE(extraNonce, this.offset)
    return buffer.toString('hex')
  }
}

function getBlockTemplate (callback) {
  apiInterfaces.rpcDaemon('getblocktemplate', { reserve_size: RESERVED, wallet_address: poolAddress }, callback)
}

function jobRefresh (loop, callback = () => {}) {
  const asked = Date.now()
  const of = `${global.config.daemon.host}:${global.config.daemon.port}`
  getBlockTemplate((error, result) => {
    if (loop) setTimeout(() => jobRefresh(true), blockRefreshInterval)
    global.report('refresh', { asked, of, error: error ? error.message || true : null, height: result ? result.height : null })
    if (error) {
      global.log('error', 'pool', 'no template: %j', [error])
      return callback(false)
    }
    if (!currentBlockTemplate || result.height > currentBlockTemplate.height) {
      take(new BlockTemplate(result))
    }
    callback(true)
  })
}

function take (template) {
  if (currentBlockTemplate) validBlockTemplates.push(currentBlockTemplate)
  if (validBlockTemplates.length > OLD_TEMPLATES) validBlockTemplates.shift()
  currentBlockTemplate = template
  global.report('template', { height: template.height })
  for (const miner of connected.values()) miner.push('job', miner.getJob())
}

class Miner {
  constructor (ip, push) {
    Object.assign(this, { id: uid(), ip, push, jobs: [] })
  }

  getJob () {
    // A miner is spared the job that it has.
    if (this.lastBlockHeight === currentBlockTemplate.height && this.jobs.length > 0) return { blob: '', job_id: '', target: '' }
    const blob = currentBlockTemplate.nextBlob()
    this.lastBlockHeight = currentBlockTemplate.height
    const job = {
      id: uid(),
      extraNonce: currentBlockTemplate.extraNonce,
      height: currentBlockTemplate.height,
      nonces: []
    }
    this.jobs.push(job)
    if (this.jobs.length > OLD_JOBS) this.jobs.shift()
    return { blob, job_id: job.id, target: difficulty, height: job.height }
  }

  submit ({ job_id: jobId, nonce, result }, reply) {
    const job = this.jobs.find(({ id }) => id === jobId)
    if (!job) return reply('Invalid job id')
    if (job.nonces.includes(nonce)) return this.judge(false, reply, 'Duplicate share')
    job.nonces.push(nonce)
    const template = currentBlockTemplate.height === job.height ? currentBlockTemplate : validBlockTemplates.filter(({ height }) => height === job.height)[0]
    if (!template) return reply('Block expired')
    this.judge(isGood(job, template, nonce, result), reply, 'Low difficulty share')
  }

  judge (isGood, reply, mistake) {
    this.count(isGood)
    if (isGood) reply(null, { status: 'OK' })
    else reply(mistake)
  }

  /** Bans an address with too many bad shares, in all workers. */
  count (isGood) {
    const counted = shares[this.ip] || (shares[this.ip] = { good: 0, bad: 0 })
    counted[isGood ? 'good' : 'bad']++
    if (counted.good + counted.bad < banning.checkThreshold) return
    delete shares[this.ip]
    if (counted.bad / (counted.good + counted.bad) < banning.invalidPercent / 100) return
    global.report('banned', { ip: this.ip })
    connected.delete(this.id)
    process.send({ type: 'banIP', ip: this.ip })
  }
}

function isGood (job, template, nonce, result) {
  const blob = template.blobOf(job.extraNonce)
  const hash = hashOf(blob, nonce)
  if (hash !== result) {
    global.log('warn', 'pool', 'Bad hash at height %d', [job.height])
    return false
  }
  if (difficultyOf(hash) >= template.difficulty) submitBlock(job, blockOf(blob, nonce))
  return difficultyOf(hash) >= difficulty
}

function submitBlock ({ height }, block) {
  apiInterfaces.rpcDaemon('submitblock', [block], error => {
    if (error) return global.log('error', 'pool', 'block at height %d is lost: %j', [height, error])
    global.report('block', { height, hash: idOf(block) })
    jobRefresh(false)
  })
}

function meet (socket) {
  const ip = socket.remoteAddress
  if (banned.has(ip)) return socket.destroy()
  const session = { miner: null, ip, push: (method, params) => write(socket, { jsonrpc: '2.0', method, params }) }
  let text = ''
  socket.setEncoding('utf8')
  socket.on('error', () => {})
  socket.on('close', () => session.miner && connected.delete(session.miner.id))
  socket.on('data', chunk => {
    const lines = (text + chunk).split('\n')
    text = lines.pop()
    for (const line of lines) hear(socket, session, JSON.parse(line))
  })
}

function hear (socket, session, { id, method, params }) {
  const reply = (error, result) => write(socket, { id, jsonrpc: '2.0', error: error ? { code: -1, message: error } : null, result })
  if (method === 'login') return login(session, reply)
  const miner = connected.get(params.id)
  if (!miner) return reply('Unauthenticated')
  if (method === 'getjob') return reply(null, miner.getJob())
  if (method === 'submit') return miner.submit(params, reply)
  reply('invalid method')
}

function login (session, reply) {
  if (banned.has(session.ip)) return reply('your IP is banned')
  session.miner = new Miner(session.ip, session.push)
  connected.set(session.miner.id, session.miner)
  reply(null, { id: session.miner.id, job: session.miner.getJob(), status: 'OK' })
}

function write (socket, value) {
  if (socket.writable) socket.write(JSON.stringify(value) + '\n')
}

function uid () {
  return createHash('sha256').update(randomBytes(16)).digest('hex').slice(0, 16)
}

jobRefresh(true, isGood => {
  if (!isGood) {
    global.log('error', 'pool', 'could not start')
    process.exit()
  }
  net.createServer(meet).listen(port, '127.0.0.1', function () {
    global.report('listening', { port: this.address().port })
  })
})
