'use strict'

const fs = require('node:fs')

/** Reads the processor's time that this process has taken since. */
class Meter {
  constructor () {
    this.processor = process.cpuUsage()
    this.mainThread = mainThreadTime()
  }

  /** In milliseconds per 1,000 polls. */
  read (polls) {
    const { user, system } = process.cpuUsage(this.processor)
    const perThousand = milliseconds => milliseconds / polls * 1000
    return { processor: perThousand((user + system) / 1000), mainThread: perThousand(mainThreadTime() - this.mainThread) }
  }
}

/** Milliseconds on a processor; where the system does not tell them, those in which the event loop was not waiting. */
function mainThreadTime () {
  try {
    const [nanoseconds] = fs.readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')
    return nanoseconds / 1e6
  } catch {
    return performance.eventLoopUtilization().active
  }
}

/** Resident bytes without what is garbage (where the process may collect it), and the number of threads (0 where unknown). */
function presence () {
  if (global.gc) global.gc()
  return { memory: process.memoryUsage().rss - executable(), threads: threads() }
}

/** Resident bytes of Node.js's own file: all its processes share them, and a single call may bring in megabytes of it. 0 where unknown. */
function executable () {
  try {
    const parts = fs.readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
    const own = parts.filter(part => part.split('\n', 1)[0].endsWith(process.execPath))
    return own.reduce((sum, part) => sum + 1024 * Number(/^Rss: +(\d+)/m.exec(part)[1]), 0)
  } catch {
    return 0
  }
}

function threads () {
  try {
    return fs.readdirSync('/proc/self/task').length
  } catch {
    return 0
  }
}

module.exports = { Meter, presence }
