/** The Node of the install is an optional dependency: without it tests would run on whatever the machine has. */
export default function setup(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 24)
    throw new Error(`Tests need Node 24 (this is ${process.version}). Run them by "npm test" after "npm ci".`);
}
