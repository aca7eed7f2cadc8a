'use strict'

/** What listeners of the soak throw; everything else that nobody catches is a trouble. */
const THROWN = 'thrown by a listener of the soak'

/** Everything that goes wrong in this process without anybody catching it. @returns {{ thrown: number, list: string[] }} */
function watchTroubles () {
  const troubles = { thrown: 0, list: [] }
  process.on('uncaughtException', error => {
    if (error && error.message === THROWN) troubles.thrown++
    else troubles.list.push(`nobody caught ${error && error.stack}`)
  })
  process.on('unhandledRejection', error => troubles.list.push(`a promise was rejected, and nobody listened: ${error && error.stack}`))
  process.on('warning', warning => {
    if (warning.name === 'MaxListenersExceededWarning' || /panicked/.test(warning.message)) troubles.list.push(`warned: ${warning.stack}`)
  })
  return troubles
}

module.exports = { THROWN, watchTroubles }
