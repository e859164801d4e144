import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { openRouter } from "@/app/router";
import { applyKeptTheme } from "@/look/theme";
import "@/look/base.css";
import { takeCode } from "@/session/code";
import { openGate } from "@/session/gate";
import { SignedIn } from "@/session/SignedIn";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

applyKeptTheme();
// Outside of React: a code is good for one request, and React may begin twice.
const gate = openGate(takeCode());
const router = openRouter();

createRoot(root).render(
  <StrictMode>
    <SignedIn gate={gate}>
      <RouterProvider router={router} />
    </SignedIn>
  </StrictMode>,
);
