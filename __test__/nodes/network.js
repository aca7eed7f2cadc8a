'use strict'

const { fork } = require('child_process')
const path = require('path')

/** Mock daemons in a process of their own, as the one that tests them sees them. They do not keep it alive. */
class Network {
  static start (daemons) {
    return new Promise((resolve, reject) => {
      const child = fork(path.join(__dirname, 'daemons.js'), [String(daemons)], { execArgv: [] })
      child.once('error', reject)
      child.once('message', ({ ports }) => resolve(new Network(child, ports)))
    })
  }

  constructor (child, ports) {
    this.ports = ports
    this.child = child
    this.asked = 0
    this.answers = new Map()
    child.on('message', ({ id, answer }) => {
      this.answers.get(id)(answer)
      this.answers.delete(id)
      if (this.answers.size === 0) child.channel.unref()
    })
    child.unref()
    child.channel.unref()
  }

  /** Has one daemon do something, and resolves to its answer. */
  ask (daemon, command) {
    return new Promise(resolve => {
      const id = ++this.asked
      this.answers.set(id, resolve)
      this.child.channel.ref()
      this.child.send({ id, daemon, command })
    })
  }

  crash (daemon) {
    return this.ask(daemon, 'crash')
  }

  hang (daemon) {
    return this.ask(daemon, 'hang')
  }

  /** Of some daemons together: requests so far, those that wait for ever, and open connections. */
  counts (daemons = this.ports.map((_, index) => index)) {
    return Promise.all(daemons.map(daemon => this.ask(daemon, 'counts'))).then(each => ({
      requests: sum(each, 'requests'),
      waiting: sum(each, 'waiting'),
      connections: sum(each, 'connections')
    }))
  }

  /** A pool's configuration that watches these daemons, the first one being the primary. */
  config (daemons = this.ports.map((_, index) => index), options = {}) {
    const [primary, ...others] = daemons.map(daemon => ({ host: '127.0.0.1', port: this.ports[daemon] }))
    const multiDaemon = { enabled: true, daemons: others, pollingInterval: 50, timeout: 2000, minHealthy: 2 }
    return { daemon: primary, coinDifficultyTarget: 30, multiDaemon: Object.assign(multiDaemon, options) }
  }
}

function sum (list, member) {
  return list.reduce((total, each) => total + each[member], 0)
}

module.exports = Network
