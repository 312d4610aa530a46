/** The secret that both sides of every bench share. */
export const secret = 'a secret of the bench, 32 letters'
