/** The official SDK of the Model Context Protocol: no dependency of ours, loaded when `oopsreplay mcp` is asked for. The build keeps this file apart. */
export async function sdk() {
  const [{ Server }, { StdioServerTransport }, { AjvJsonSchemaValidator }, types] = await Promise.all([
    import('@modelcontextprotocol/sdk/server/index.js'),
    import('@modelcontextprotocol/sdk/server/stdio.js'),
    import('@modelcontextprotocol/sdk/validation/ajv'),
    import('@modelcontextprotocol/sdk/types.js'),
  ]);
  return { Server, StdioServerTransport, AjvJsonSchemaValidator, ...types };
}
