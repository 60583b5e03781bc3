import { laravel } from "../../src/extract/laravel.ts";
import { describeFileSource } from "../contract/file-contract.ts";

describeFileSource("rows of Laravel's table as CSV", {
  type: laravel,
  start: "id,name,email_verified_at,email\n",
  writeUser: ({ id, name, email }) => `${id},"${name.replaceAll('"', '""')}",NULL,${email}`,
  expectedRecord: ({ id, name, email }) => [id, name, "NULL", email],
  between: "\n",
  end: "\n",
  firstLine: 2,
  broken: { text: "1,2", place: "line 3" },
  wrongFormats: [],
});
describeFileSource("rows of Laravel's table as JSON", {
  type: laravel,
  start: "[",
  writeUser: (user) => JSON.stringify({ email_verified_at: null, ...user }),
  expectedRecord: (user) => ({ email_verified_at: null, ...user }),
  between: ",\n",
  end: "]",
  firstLine: undefined,
  broken: { text: "3", place: "element 2" },
  wrongFormats: [],
});
