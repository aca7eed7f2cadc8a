'use strict'

const fs = require('fs')
const path = require('path')

/** Of the kernel's clock, which Linux tells programs in hundredths of a second on every platform. */
const TICKS_PER_SECOND = 100
/** Milliseconds to which the start of the machine is known. */
const EXACT_TO = 1000

/**
 * The processes of a pool in this folder that started before its init.js was last changed, by their ids, the lowest first. Linux alone tells
 * that, of the processes of one's own; elsewhere there are none.
 */
function startedBefore (folder) {
  try {
    const home = fs.realpathSync(folder)
    const changed = fs.statSync(path.join(home, 'init.js')).mtimeMs
    const boot = bootTime()
    return fs.readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(Number).filter(pid => isPoolOf(home, pid) && startOf(pid, boot) + EXACT_TO < changed).sort((one, other) => one - other)
  } catch (error) {
    return []
  }
}

/** Whether a process is in the folder and runs init.js. */
function isPoolOf (home, pid) {
  try {
    if (fs.readlinkSync(`/proc/${pid}/cwd`) !== home) return false
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(1).some(word => path.resolve(home, word) === path.join(home, 'init.js'))
  } catch (error) {
    return false
  }
}

/** In milliseconds since 1970. */
function bootTime () {
  return 1000 * Number(/^btime (\d+)$/m.exec(fs.readFileSync('/proc/stat', 'utf8'))[1])
}

/** The same, of a process: its 22nd value, counted after its name, in which anything may stand. One that has just ended never started. */
function startOf (pid, boot) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    return boot + 1000 * Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]) / TICKS_PER_SECOND
  } catch (error) {
    return Infinity
  }
}

module.exports = { startedBefore }
