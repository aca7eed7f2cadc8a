'use strict'

/** Time to read what has happened. */
const READING = 2500

/** The whole story, about half a minute. @param {import('./stage').Stage} stage */
async function tellStory (stage) {
  await stage.pause(READING)
  for (const chapter of [crashOfThePrimary, hangOfTheDaemonInUse, forkOfTheDaemonInUse]) {
    await chapter(stage)
    await stage.allHealthy()
    await stage.pause(READING)
  }
}

async function crashOfThePrimary (stage) {
  const { primary } = stage
  stage.tell(`${stage.name(primary)} crashes: its port refuses`)
  await primary.crash()
  await stage.left(primary)
  await stage.pause(READING)
  stage.tell(`${stage.name(primary)} is started again`)
  await primary.restart()
}

async function hangOfTheDaemonInUse (stage) {
  const daemon = stage.inUse
  stage.tell(`${stage.name(daemon)}, in use, hangs: it accepts connections and never answers`)
  daemon.hang()
  await stage.findBlock()
  await stage.left(daemon)
  await stage.pause(READING)
  stage.tell(`${stage.name(daemon)} answers again`)
  await daemon.recover()
}

async function forkOfTheDaemonInUse (stage) {
  const { network, inUse: daemon } = stage
  stage.tell(`${stage.name(daemon)}, in use, is cut off from the network: it mines 2 blocks alone, the others mine 3`)
  network.partition(daemon)
  network.mine(2, { on: daemon })
  network.mine(3, { on: network.daemons.filter(other => other !== daemon) })
  await stage.left(daemon)
  await stage.pause(READING)
  stage.tell(`${stage.name(daemon)} finds the network again, and reorganises to the longer chain`)
  network.heal()
}

module.exports = { tellStory }
