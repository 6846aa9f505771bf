/** The release that this code belongs to; equal in every workspace's package.json. */
export const softwareVersion = '0.1.0';
