'use strict'

/** The types know it as a module of newer Node.js only. @type {import('cluster').Cluster} */
const cluster = /** @type {any} */ (require('cluster'))

/** The processes of a pool, and which of them ask through the gateway: those that have attached. */
class Processes {
  constructor () {
    /** By worker, so that it is forgotten with the worker. */
    this.workers = new WeakMap()
    this.own = { since: Date.now(), role: null, attached: true }
  }

  /** A worker is there; it may never say anything. */
  see (worker) {
    if (!this.workers.has(worker)) this.workers.set(worker, { since: Date.now(), role: null, attached: false })
    return this.workers.get(worker)
  }

  /** A worker has attached. */
  note (worker, { role }) {
    Object.assign(this.see(worker), { attached: true, role })
  }

  /** As `processes` in the status. */
  list () {
    const own = Object.assign({ pid: process.pid, worker: null }, this.own)
    const workers = Object.keys(cluster.workers || {}).map(id => cluster.workers[id]).filter(it => it && it.process.pid)
    return [own].concat(workers.map(worker => Object.assign({ pid: worker.process.pid, worker: worker.id }, this.see(worker))))
  }
}

module.exports = Processes
