/** A token (RFC 9110 section 5.6.2): methods, names of fields and of cookies. */
export const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
