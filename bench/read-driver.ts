// The reference of the database sources: the driver's own streaming, and nothing else: node read-driver.ts TYPE.
import mysql from "mysql2";
import pg from "pg";
import Cursor from "pg-cursor";

const { QUERY: query = "", DATABASE_URL: url = "" } = process.env;

async function readPostgres(): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const cursor = client.query(new Cursor(query));
  let users = 0;
  for (;;) {
    const rows = await cursor.read(1_000);
    if (rows.length === 0) break;
    users += rows.length;
  }
  await client.end();
  return users;
}

async function readMysql(): Promise<number> {
  const connection = mysql.createConnection(url);
  let users = 0;
  for await (const row of connection.query(query).stream()) if (row !== undefined) users += 1;
  connection.end();
  return users;
}

console.log(await (process.argv[2] === "postgres" ? readPostgres() : readMysql()));
