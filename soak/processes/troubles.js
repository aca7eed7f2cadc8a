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

/** Ends this process when the soak is gone: nobody would be left to stop it. @returns {() => void} takes leave, so that it has to end by itself */
function followSoak () {
  const leave = () => process.exit(1)
  process.on('disconnect', leave)
  return () => {
    process.off('disconnect', leave)
    process.disconnect()
  }
}

module.exports = { THROWN, followSoak, watchTroubles }
