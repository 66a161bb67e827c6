// Runs before each script, so that a wrong Node is one clear line and not a stack trace.
if (Number.parseInt(process.versions.node, 10) < 26) {
  console.error(
    `Kith needs Node 26 or newer; this is ${process.version}. Run "npm ci" without --omit=dev or --ignore-scripts: it brings Node 26 along as the package "node". Or install Node 26.`,
  )
  process.exit(1)
}
