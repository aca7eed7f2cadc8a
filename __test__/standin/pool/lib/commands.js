'use strict'

// What a test may ask of the stand-in, through the IPC of the process that forked the master: {command, …}. The master
// does what is for it, and hands the rest on to its workers.

const cluster = require('cluster')
const fs = require('fs')
const path = require('path')

const { current } = require('turtle-pool-multi-daemon')

/** In the master. */
const FOR_MASTER = {
  block: ({ until }) => block(until),
  kill: ({ pid }) => workers().filter(worker => worker.process.pid === pid).forEach(worker => worker.process.kill('SIGKILL')),
  send: ({ message }) => workers().forEach(worker => worker.send(message)),
  stopMaster: () => current().stop(),
  attach: () => require('turtle-pool-multi-daemon').attach(global.config, { log: global.log })
}

/** In every process. */
const FOR_ALL = {
  status: ({ id }) => global.report('status', Object.assign({ id }, statusHere())),
  refresh: ({ id }) => current().refresh().then(({ polls }) => global.report('refreshed', { id, polls })),
  order: ({ id, at, name, args }) => at === global.role && order(id, name, args),
  tell: ({ at, message }) => at === global.role && process.send(message),
  stop: ({ id }) => current().stop().then(() => global.report('stopped', { id }))
}

process.on('message', message => {
  const command = message && message.command
  if (FOR_MASTER[command]) FOR_MASTER[command](message)
  if (FOR_ALL[command]) {
    FOR_ALL[command](message)
    if (cluster.isMaster) workers().forEach(worker => worker.send(message))
  }
})

function statusHere () {
  const multiDaemon = current()
  const { daemon } = global.config
  return {
    attached: Boolean(multiDaemon),
    from: path.dirname(require.resolve('turtle-pool-multi-daemon')),
    native: Object.keys(require.cache).some(file => file.endsWith('.node')),
    // Where the pool's own code sends its requests.
    asks: nameOf(daemon),
    daemon: nameOf(multiDaemon ? multiDaemon.getDaemon() : daemon),
    work: multiDaemon ? multiDaemon.work : null,
    hold: multiDaemon ? multiDaemon.hold : null,
    status: multiDaemon ? multiDaemon.getStatus() : null,
    // What the pool's client of Redis has still to send, or to hear of.
    waiting: global.redisClient ? waitingIn(global.redisClient) : null
  }
}

function waitingIn ({ command_queue: sent, offline_queue: unsent }) {
  return { sent: sent ? sent.length : 0, unsent: unsent ? unsent.length : 0 }
}

function nameOf ({ host, port }) {
  return `${host}:${port}`
}

function order (id, name, args) {
  try {
    current()[name](...args)
    global.report('ordered', { id, error: null })
  } catch ({ code, message }) {
    global.report('ordered', { id, error: { code, message } })
  }
}

/** Busy, as with a long calculation, until a file is there. */
function block (file) {
  while (!fs.existsSync(file));
  global.report('unblocked')
}

function workers () {
  return Object.keys(cluster.workers || {}).map(id => cluster.workers[id])
}
