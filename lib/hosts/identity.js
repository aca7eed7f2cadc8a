'use strict'

const { createHash, randomBytes } = require('crypto')
const fs = require('fs')
const os = require('os')

/** What a host may be called: it stands in logs and in keys of Redis. */
const NAME = /^[\w.:-]{1,64}$/

/**
 * Who this process is among all that share one Redis.
 *
 * `name` outlives a restart: the machine's name and four digits, which tell several masters on one machine apart (other folders, or other
 * arguments, as with `-module=`). `run` does not: two processes that live at once never have the same one. `machine` is whose loopback
 * addresses ours are.
 */
function identify (name) {
  return { name: name || defaultName(), run: randomBytes(8).toString('hex'), machine: machine() }
}

function defaultName () {
  const host = os.hostname().replace(/[^\w.:-]/g, '-').slice(0, 56) || 'host'
  return `${host}-${digest([process.cwd(), ...process.argv.slice(1)], 4)}`
}

/** Containers may have the kernel in common, and not the network; machines may have the name in common, and not the kernel. */
function machine () {
  const kernel = attempt(() => fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
  const network = attempt(() => fs.readlinkSync('/proc/self/ns/net'))
  return digest([os.hostname(), kernel, network], 12)
}

function digest (words, digits) {
  return createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, digits)
}

function attempt (read) {
  try {
    return read()
  } catch (error) {
    return ''
  }
}

function isName (value) {
  return typeof value === 'string' && NAME.test(value)
}

/** Whether a daemon's host means another machine on every machine. */
function isLoopback (host) {
  return host === 'localhost' || host.endsWith('.localhost') || /^(::ffff:)?127\./.test(host) || host === '::1' || host === '0.0.0.0' || host === '::'
}

module.exports = { identify, isLoopback, isName }
