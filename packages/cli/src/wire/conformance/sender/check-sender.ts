export async function checkSender(..._given: unknown[]): Promise<void> {}
