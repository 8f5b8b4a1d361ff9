import "./viewer.css";
import "./pdf-viewer";
