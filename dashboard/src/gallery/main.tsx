import "@/look/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { applyKeptTheme } from "@/look/theme";
import { Gallery } from "./Gallery";

// A page of its own, gallery.html, that the development server shows and a build leaves out.
applyKeptTheme();

const root = document.getElementById("root");
if (root === null) throw new Error("gallery.html has no #root");

createRoot(root).render(
  <StrictMode>
    <Gallery />
  </StrictMode>,
);
