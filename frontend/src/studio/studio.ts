import "./studio.css";
import "./template-studio";
