/** The field of answers that names the version of the configuration by which a request was served. */
export const versionField = 'Headgate-Version';
